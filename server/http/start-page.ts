import type { IncomingMessage } from 'node:http'
import type { Check } from './request-checks.ts'

const hiddenFrom = new WeakSet<IncomingMessage>()

/**
 * Goes before all that may refuse where the start page takes a token: whoever has not shown one yet would
 * be led from a refusal to the next.
 */
export const hideStartPage: Check = (req, _res, next) => {
  hiddenFrom.add(req)
  next()
}

export const showStartPage = (req: IncomingMessage): void => void hiddenFrom.delete(req)

export const mayOpenStartPage = (req: IncomingMessage): boolean => !hiddenFrom.has(req)
