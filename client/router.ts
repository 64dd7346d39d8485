import { createRouter, createWebHistory, type RouteComponent } from 'vue-router'
import LivePage from './pages/LivePage.vue'
import { painted } from './painted'
import { places, type Place } from './places'

type Page = RouteComponent | (() => Promise<RouteComponent>)

const pages: Record<Place['name'], Page> = {
  live: LivePage,
  route: () => import('./pages/RoutePage.vue'),
  changes: () => import('./pages/ChangesPage.vue'),
  alerts: () => import('./pages/AlertsPage.vue'),
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...places.map(({ name, path, title }) => ({ name, path, component: pages[name], meta: { title } })),
    { path: '/:rest(.*)*', redirect: '/' },
  ],
  // another place begins at its top; what comes back stands where it stood
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

// a click is answered before the place that it leads to is built
router.beforeResolve(async (to, from) => {
  if (from.matched.length > 0 && to.path !== from.path) await painted()
})

router.afterEach(to => {
  document.title = `${String(to.meta.title ?? '')} · Headgate`
})
