/** What fires, what is unusual and how objectives stand, as the screen shows it; and what is done about it. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { AlertView, Command } from '../../server/protocol'
import { complaint, subjectName } from '../alert-words'
import { alertsAt } from '../alerts-at'
import { useRun } from './run'
import { useView } from './view'

export interface ShownAlert extends AlertView {
  name: string
  words: string
}

export const useAlerts = defineStore('alerts', () => {
  const run = useRun()
  const view = useView()
  /** How the newest command went, in words; and whether it was refused. */
  const told = ref<{ words: string; refused: boolean } | null>(null)
  /** What is said once, to those who hear the screen. */
  const announcement = ref('')

  /** Now, whatever the screen shows: the most pressing first, critical, firing, not seen to, newest. */
  const active = computed(() =>
    run.alerts.alerts.map(alert => shown(alert, run.objectives.values[alert.id])).sort(byUrgency),
  )
  const firing = computed(() => active.value.filter(isLoud))
  const worst = computed(() => (firing.value.some(isCritical) ? 'critical' : 'warning'))
  /** What the banner tells of: a budget that burns or something that is down, until somebody sees to it. */
  const urgent = computed(() => firing.value.find(alert => !alert.acknowledged && isUrgent(alert)) ?? null)
  /** At the moment that the screen shows. */
  const then = computed(() => alertsAt(run.alerts, view.at))
  const standing = computed(() =>
    view.at === null ? active.value : then.value.alerts.map(alert => shown(alert)).sort(byUrgency),
  )

  const known = new Set<string>()
  watch(
    firing,
    now => {
      const fresh = now.filter(alert => !known.has(keyOf(alert)))
      known.clear()
      for (const alert of now) known.add(keyOf(alert))
      if (fresh.length === 0) return
      const [first] = fresh
      const more = fresh.length > 1 ? `, and ${fresh.length - 1} more` : ''
      announcement.value = `Alert: ${first?.name} ${first?.words}${more}.`
    },
    { immediate: true },
  )

  function shown(alert: AlertView, value = alert.value): ShownAlert {
    return { ...alert, value, name: nameOf(alert), words: complaint(alert, value) }
  }

  function nameOf(alert: AlertView): string {
    return alert.rule === 'frame-late' ? 'The server' : subjectName(run.fleet, alert)
  }

  async function act(command: Command, done: string): Promise<boolean> {
    told.value = null
    const answer = await run.send(command)
    if (answer.ok) told.value = { words: done, refused: false }
    else if ('error' in answer)
      told.value = { words: `Refused: ${answer.error.field}, expected ${answer.error.expected}.`, refused: true }
    else told.value = { words: 'Refused: another change came first.', refused: true }
    return answer.ok
  }

  return { firing, worst, urgent, then, standing, announcement, told, act }
})

export function isLoud({ state, silencedBy }: AlertView): boolean {
  return state === 'firing' && silencedBy === null
}

function isCritical({ severity }: AlertView): boolean {
  return severity === 'critical'
}

function isUrgent({ severity, metric }: AlertView): boolean {
  return severity === 'critical' || metric.startsWith('burn')
}

function keyOf({ id, firedAt }: AlertView): string {
  return `${id} ${firedAt}`
}

function byUrgency(one: ShownAlert, other: ShownAlert): number {
  const rank = (alert: ShownAlert) =>
    (isLoud(alert) ? 0 : 8) +
    (alert.state === 'firing' ? 0 : 4) +
    (alert.acknowledged ? 2 : 0) +
    (isCritical(alert) ? 0 : 1)
  return rank(one) - rank(other) || other.since - one.since
}
