/** Where things lie under test: threads take their code in one piece, as sources they would be read anew by each of them. */
import { experimentThread, runThread } from './threads'

export { builtPage, codeDigest, root } from '../../server/place'

export const worker = { code: runThread, eval: false }
export const experimentWorker = { code: experimentThread, eval: false }
