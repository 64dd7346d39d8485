import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import { connect } from './socket'
import { useRun } from './stores/run'
import './styles.css'

const app = createApp(App).use(createPinia()).use(router)
useRun().start(connect)
app.mount('#app')
