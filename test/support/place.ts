/** Where things lie under test: threads take the code that was bundled for them. */
import { experimentThread, runThread } from './bundles'

export { builtPage, codeDigest, root } from '../../server/place'

export const worker = { code: runThread, eval: false }
export const experimentWorker = { code: experimentThread, eval: false }
