import { createRouter, createWebHistory } from 'vue-router'
import LivePage from './pages/LivePage.vue'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'live', component: LivePage, meta: { title: 'Live' } },
    { path: '/route', name: 'route', component: () => import('./pages/RoutePage.vue'), meta: { title: 'Route' } },
    {
      path: '/changes',
      name: 'changes',
      component: () => import('./pages/ChangesPage.vue'),
      meta: { title: 'Changes' },
    },
    { path: '/alerts', name: 'alerts', component: () => import('./pages/AlertsPage.vue'), meta: { title: 'Alerts' } },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

router.afterEach(to => {
  document.title = `${String(to.meta.title ?? '')} · Headgate`
})
