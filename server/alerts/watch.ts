import type { Fleet, Frame, RequestCount } from '../../simulation/index'
import { refuse } from '../refusal'
import type { Refusal } from '../protocol'
import type { AlertAct, AlertEffect } from './act'
import { end, judge, type Alert, type PastAlert } from './alert'
import { judgeMinute, seriesFigures, seriesOf, type Anomaly } from './anomaly'
import { figureOf, type Placed, type Places } from './figure'
import { addFigures, createMinutes, type Minutes } from './minutes'
import { standingOf, usualObjectives, type Objective, type Standing } from './objective'
import type { Occasion } from './occasion'
import { builtInRules, checkRule, checkSubject, fasterThan, rulesInForce, type AlertRule, type Subject } from './rule'
import type { Silence } from './silence'
import { createTape, record, type Tape } from './tape'

/** All that is known of alerts; plain data, a part of the state of the run: the same run has the same. */
export interface Watch {
  objectives: Objective[]
  /** Those that were added, and those that stand in for built-in ones. */
  rules: AlertRule[]
  silences: Silence[]
  tape: Tape
  standings: Standing[]
  alerts: Alert[]
  /** Oldest first. */
  past: PastAlert[]
  occasions: Occasion[]
  minutes: Minutes
  /** Oldest first; those that are over too. */
  anomalies: Anomaly[]
}

const keptPast = 200
const keptAnomalies = 50
const keptOccasions = 200
const mostRules = 100
const mostSilences = 100

/** What the watch sees after a frame. */
export interface Sight {
  frame: Frame
  /** By workload, in the order of the fleet. */
  counts: readonly RequestCount[]
}

export function createWatch(fleet: Fleet): Watch {
  return {
    objectives: usualObjectives(fleet),
    rules: [],
    silences: [],
    tape: createTape(2 * fleet.workloads.length),
    standings: [],
    alerts: [],
    past: [],
    occasions: [],
    minutes: createMinutes(),
    anomalies: [],
  }
}

export function placesOf({ workloads, pools }: Fleet): Places {
  return { workloads: workloads.map(({ id }) => id), pools: pools.map(({ id }) => id) }
}

/** After a frame: counts, holds every rule against it, and every closed minute against its hour. */
export function look(watch: Watch, fleet: Fleet, { frame, counts }: Sight): void {
  const { time } = frame
  const places = placesOf(fleet)
  const length = Math.max(...watch.objectives.map(({ period }) => period), 0)
  if (time > (watch.tape.times.at(-1) ?? 0))
    record(
      watch.tape,
      time,
      counts.flatMap(({ left, good }) => [left, good]),
      length,
    )
  watch.standings = watch.objectives.map(objective =>
    standingOf(objective, watch.tape, 2 * places.workloads.indexOf(objective.workload)),
  )
  watch.silences = watch.silences.filter(({ until }) => until > time)
  holdRules(watch, frame, places)
  if (!addFigures(watch.minutes, time, seriesFigures(frame, places))) return
  const surroundings = { fleet, series: seriesOf(places), occasions: watch.occasions }
  watch.anomalies = judgeMinute(watch.minutes, watch.anomalies, surroundings).slice(-keptAnomalies)
}

function holdRules(watch: Watch, frame: Frame, places: Places): void {
  const before = new Map(watch.alerts.map(alert => [alert.id, alert]))
  const now = new Map<string, Alert>()
  const over: PastAlert[] = []
  for (const rule of rulesInForce(watch.rules)) {
    const faster = fasterThan(rule.rule)
    for (const { row, ...subject } of subjectsOf(rule, places)) {
      const known = before.get(subject.id)
      const figure = figureOf(frame, watch.standings, rule.metric, { ...subject, row })
      const told = faster.some(each => now.get(idOf(each, subject))?.state === 'firing')
      const alert = told && !known ? null : judge(rule, subject, known, figure, frame.time)
      if (alert?.state === 'over') over.push(alert)
      else if (alert) now.set(alert.id, alert)
      before.delete(subject.id)
    }
  }
  // of rules that are no more
  for (const alert of before.values()) over.push(...listed(end(alert, frame.time, 'rule changed')))
  watch.alerts = [...now.values()]
  watch.past = [...watch.past, ...over].slice(-keptPast)
}

/** Why something cannot be done about alerts, or `null` if it can. */
export function checkAlertAct(watch: Watch, fleet: Fleet, act: AlertAct): Refusal | null {
  switch (act.kind) {
    case 'objective': {
      const known = watch.objectives.map(({ workload }) => workload)
      if (known.includes(act.workload)) return null
      return refuse('workload', act.workload, `a workload with objectives: one of ${known.join(', ')}`)
    }
    case 'alert-rule': {
      const isNew = watch.rules.every(({ rule }) => rule !== act.rule.rule)
      if (isNew && watch.rules.length >= mostRules) return refuse('rule', act.rule.rule, `at most ${mostRules} rules`)
      return checkRule(fleet, act.rule)
    }
    case 'remove-rule': {
      const own = watch.rules.map(({ rule }) => rule)
      if (own.includes(act.rule)) return null
      const builtIn = builtInRules.some(({ rule }) => rule === act.rule)
      if (builtIn) return refuse('rule', act.rule, 'a rule that was added or changed; this one is built in: silence it')
      return refuse('rule', act.rule, own.length > 0 ? `one of ${own.join(', ')}` : 'a rule that was added: none was')
    }
    case 'acknowledge': {
      const firing = watch.alerts.filter(({ state }) => state === 'firing').map(({ id }) => id)
      if (firing.includes(act.alert)) return null
      const expected =
        firing.length > 0 ? `one that fires: ${firing.slice(0, 20).join(', ')}` : 'one that fires: none does'
      return refuse('alert', act.alert, expected)
    }
    case 'silence': {
      const { matcher } = act
      if (watch.silences.length >= mostSilences) return refuse('matcher', matcher, `at most ${mostSilences} silences`)
      const stranger = checkSubject(fleet, matcher, '')
      if (stranger) return { ...stranger, field: `matcher.${stranger.field}` }
      const names = rulesInForce(watch.rules).map(({ rule }) => rule)
      if (matcher.rule === undefined || names.includes(matcher.rule)) return null
      return refuse('matcher.rule', matcher.rule, `one of ${names.join(', ')}`)
    }
    case 'unsilence': {
      const ids = watch.silences.map(({ id }) => id)
      if (ids.includes(act.silence)) return null
      return refuse('silence', act.silence, ids.length > 0 ? `one of ${ids.join(', ')}` : 'a silence in force: none is')
    }
  }
}

/** Does it; what can no longer be done when it is done again, is left. */
export function perform(watch: Watch, { act, id, by, reason }: AlertEffect, time: number): void {
  switch (act.kind) {
    case 'objective': {
      const { kind: _, ...objective } = act
      watch.objectives = watch.objectives.map(each => (each.workload === act.workload ? objective : each))
      return
    }
    case 'alert-rule':
    case 'remove-rule': {
      const name = act.kind === 'alert-rule' ? act.rule.rule : act.rule
      watch.rules = watch.rules.filter(({ rule }) => rule !== name)
      if (act.kind === 'alert-rule') watch.rules.push(act.rule)
      const ended = watch.alerts
        .filter(({ rule }) => rule === name)
        .flatMap(each => listed(end(each, time, 'rule changed')))
      watch.alerts = watch.alerts.filter(({ rule }) => rule !== name)
      watch.past = [...watch.past, ...ended].slice(-keptPast)
      return
    }
    case 'acknowledge':
      watch.alerts = watch.alerts.map(alert =>
        alert.id === act.alert ? { ...alert, acknowledged: { by, at: time, reason } } : alert,
      )
      return
    case 'silence':
      watch.silences.push({
        id,
        matcher: act.matcher,
        by,
        reason: reason ?? '',
        since: time,
        until: time + act.duration,
      })
      return
    case 'unsilence':
      watch.silences = watch.silences.filter(silence => silence.id !== act.silence)
      return
  }
}

/** Something befell the run, or was done to it. */
export function happen(watch: Watch, occasion: Occasion | null): void {
  if (occasion) watch.occasions = [...watch.occasions, occasion].slice(-keptOccasions)
}

function subjectsOf({ rule, workload, pool }: AlertRule, places: Places): (Placed & { id: string })[] {
  const placed = (known: readonly string[], wanted: string, of: (id: string) => Subject) =>
    known.flatMap((id, row) => (wanted === '*' || wanted === id ? { ...of(id), row, id: idOf(rule, of(id)) } : []))
  if (workload !== undefined) return placed(places.workloads, workload, workload => ({ workload }))
  if (pool !== undefined) return placed(places.pools, pool, pool => ({ pool }))
  return [{ row: 0, id: idOf(rule, {}) }]
}

function idOf(rule: string, { workload, pool }: Subject): string {
  return `${rule}/${workload ?? pool ?? 'fleet'}`
}

function listed<Item>(item: Item | null): Item[] {
  return item === null ? [] : [item]
}
