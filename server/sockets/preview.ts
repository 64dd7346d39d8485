import { shortPreview } from '../control/command'
import type { Previews } from '../live/previews'
import type { Forecast, ForecastAnswer } from '../protocol'
import { refusalOf } from '../refusal'

/** Answers `preview` for one asker. */
export async function previewOf(
  payload: unknown,
  previews: Pick<Previews, 'ask'>,
  asker: object,
  then: (answer: Forecast) => void,
): Promise<ForecastAnswer> {
  const { success, data, error } = shortPreview.safeParse(payload)
  if (!success) return { ok: false, error: refusalOf(error, payload, 'preview') }
  return previews.ask(asker, data.routing, then)
}
