// The thread of foreign-services.ts: says where its web server is, and serves until it is terminated.

import { constants, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { startWeb } from '../web.ts'
import { answerForeign } from './foreign-services.ts'

// Of this thread alone, on Linux: they are on other machines elsewhere.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
const { base } = await startWeb(answerForeign)
parentPort?.postMessage(base)
