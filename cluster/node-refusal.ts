import { z } from 'zod'
import { Fault, faultCode } from '../common/errors.ts'
import { type NodeAnswer, wholeAnswer } from './node-body.ts'

const MAX_REFUSAL_BYTES = 8192

const refusalShape = z.object({
  error: z.object({ code: z.string(), message: z.string().max(500) }),
})

/** The node could not be reached, or broke off: another one may do. */
export class NodeUnreachable extends Error {
  override readonly name = 'NodeUnreachable'
}

/**
 * What the other node says went wrong; undefined: it is not said as our nodes do.
 * @throws NodeUnreachable: as one of another version may say it, and where it is not said to its end
 */
export async function readRefusal(
  answer: NodeAnswer,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const text = await wholeAnswer(answer, MAX_REFUSAL_BYTES, tooLong).catch((cause: unknown) => {
    if (!signal.aborted && cause instanceof TooLong) return undefined
    // Nobody waits any more, or it broke off: neither says what is there.
    throw new NodeUnreachable('a refusal of another node did not come', { cause })
  })
  return text && refusalOf(answer, text.toString())
}

/** For a refusal of ours. */
class TooLong extends Error {}

const tooLong = (): Error => new TooLong('too long for a refusal')

function refusalOf(answer: NodeAnswer, text: string): Fault | undefined {
  const said = refusalIn(text)
  if (!said) return undefined
  const { code, message } = said
  const known = faultCode(code)
  if (!known) throw new NodeUnreachable(`another node says ${code.slice(0, 50)}`)
  const retryAfterSeconds = Number(answer.headers['retry-after'])
  return new Fault(known, { message, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) })
}

function refusalIn(text: string): { code: string; message: string } | undefined {
  try {
    return refusalShape.parse(JSON.parse(text)).error
  } catch {
    return undefined
  }
}
