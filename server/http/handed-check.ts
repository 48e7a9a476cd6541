import type { IncomingMessage } from 'node:http'
import { HANDED_HEADER, type Handed, type Signatures } from '../../cluster/signature.ts'
import { isNoStranger } from './connection-caps.ts'
import type { Check } from './request-checks.ts'

const handedOver = new WeakMap<IncomingMessage, Handed>()

/** Who handed the request over; undefined: it comes from a client. */
export const handedOf = (req: IncomingMessage): Handed | undefined => handedOver.get(req)

/**
 * Knows the requests of other nodes by their signature. What they ask for was counted and let in where the
 * viewer came to. Throws Fault NODE_SIGNATURE, NODE_CLOCK. Without a cluster there is no such check, and
 * the header says nothing.
 */
export const createHandedCheck =
  (signatures: Pick<Signatures, 'verify'>): Check =>
  (req, _res, next) => {
    const header = req.headers[HANDED_HEADER]
    if (header !== undefined) {
      const { method = '', url: target = '' } = req
      const signed = { method, target, range: req.headers.range ?? '' }
      handedOver.set(req, signatures.verify(header.toString(), signed))
      isNoStranger(req.socket)
    }
    next()
  }
