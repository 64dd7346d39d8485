import { charted } from '../../simulation/index'
import type { Board } from '../live/board'
import type { MomentAnswer, RangeAnswer, Refusal } from '../protocol'
import { refusalOf, refuse } from '../refusal'
import { momentRequest, rangeRequest } from './request'
import { seriesOf } from './series'

type Source = Pick<Board, 'history' | 'control' | 'returning'>

/** Answers a question for a stretch of time, however it came. */
export async function rangeOf({ history, returning }: Source, asked: unknown): Promise<RangeAnswer> {
  if (returning) return { ok: false, error: away() }
  const { success, data, error } = rangeRequest.safeParse(asked)
  if (!success) return { ok: false, error: refusalOf(error, asked, 'range') }
  const { from, to = history.extent()?.newest ?? from, points, series } = data
  return {
    ok: true,
    ...(await history.range({ from, to, points, series: series ? seriesOf(series) : charted })),
  }
}

export async function momentOf({ history, control, returning }: Source, asked: unknown): Promise<MomentAnswer> {
  if (returning) return { ok: false, error: away() }
  const { success, data, error } = momentRequest.safeParse(asked)
  if (!success) return { ok: false, error: refusalOf(error, asked, 'moment') }
  const moment = await history.moment(data.time)
  const routing = moment && control.revision(moment.frame.revision)
  if (moment && routing) return { ok: true, ...moment, routing }
  const { oldest, newest } = history.extent() ?? {}
  const expected = oldest === undefined ? 'a time, once there is a history' : `a time from ${oldest} to ${newest} s`
  return { ok: false, error: refuse('time', data.time, expected) }
}

/** What was lost may be on its way. */
function away(): Refusal {
  return refuse('run', 'on its way back', 'a run that is back')
}
