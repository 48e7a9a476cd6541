import express, { type Response, type Router } from 'express'
import { Fault } from '../../common/errors.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { isWell, type Look } from '../../doctor/examine.ts'
import type { Finding } from '../../doctor/finding.ts'
import { untilGone } from '../http/connections.ts'
import { readJsonBody } from '../http/json-body.ts'
import type { Lifecycle } from '../http/lifecycle.ts'
import { DOCTOR_PATH } from '../http/request-checks.ts'
import { type Admins, createAdminGuard } from './admin-guard.ts'
import { DoctorOrder, MAX_BODY } from './orders.ts'

export interface DoctorApiDeps {
  readonly admins: Pick<Admins, 'refusalOf'>
  /** Looks at everything, telling as it goes; bounded in time, and ended by the signal. */
  readonly examine: (look: Required<Look>) => Promise<readonly Finding[]>
  readonly lifecycle: Pick<Lifecycle, 'draining'>
}

/**
 * For administrators: POST /api/doctor `{}` -> a line (NDJSON) for each Finding as it comes, the last one
 * `{"end": "done", "ok": boolean}`, or `{"end": "draining"}` where the server stops. Everybody who asks while it looks
 * hears the same, from its first finding on; it ends when all of them have left.
 */
export function createDoctorApi({ admins, examine, lifecycle }: DoctorApiDeps): Router {
  const { draining } = lifecycle
  const looks = new SingleFlight<readonly Finding[]>({ whenAbandoned: 'abort' })
  let heard = new Findings()

  const router = express.Router({ strict: true, caseSensitive: true })
  router.post(DOCTOR_PATH, createAdminGuard(admins), async (req, res) => {
    if (!DoctorOrder.safeParse(await readJsonBody(req, MAX_BODY.doctor)).success) {
      throw new Fault('BAD_BODY', { message: 'The body must be an empty JSON object.' })
    }
    if (draining.aborted) throw new Fault('DRAINING', { retryAfterSeconds: 5 })
    const line = beginLines(res)
    const gone = untilGone(res)
    const found = looks.join('all', AbortSignal.any([gone, draining]), (signal) => {
      const mine = new Findings()
      heard = mine
      const { localPort: ownPort } = req.socket
      return examine({ signal, ownPort, tell: (findings) => mine.tell(findings) })
    })
    const leave = heard.hear(line)
    try {
      line({ end: 'done', ok: isWell(await found) })
      res.end()
    } catch (error) {
      if (!draining.aborted && !gone.aborted) throw error
      line({ end: 'draining' })
      res.end()
    } finally {
      leave()
    }
  })
  return router
}

/** What a look has found so far, and who hears more of it. */
class Findings {
  readonly #found: Finding[] = []
  readonly #listeners = new Set<(finding: Finding) => void>()

  tell(findings: readonly Finding[]): void {
    this.#found.push(...findings)
    for (const listener of this.#listeners) for (const finding of findings) listener(finding)
  }

  /** From the first finding on. @returns hears no more */
  hear(listener: (finding: Finding) => void): () => void {
    for (const finding of this.#found) listener(finding)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** Begins an answer of lines. @returns writes one, as JSON; nothing once the asker has left */
function beginLines(res: Response): (line: object) => void {
  res.set({
    'Content-Type': 'application/x-ndjson; charset=utf-8',
    'Cache-Control': 'no-store',
    // nginx would hold lines back until its buffer is full.
    'X-Accel-Buffering': 'no',
  })
  res.flushHeaders()
  return (line) => {
    if (!res.destroyed && !res.writableEnded) res.write(`${JSON.stringify(line)}\n`)
  }
}
