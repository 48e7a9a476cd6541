import { timesAsLong } from '../support/ratio.ts'
import { type Pump, pumped } from './arbitraries.ts'

/** Close to each other at first, so that what is exponential is seen before it takes for ever. */
const LENGTHS = [16, 24, 64, 256, 1024, 4096, 16_384] as const
/** Against as much text in short pieces: 1 is linear; quadratic is as much as the step, 4. */
const MOST = 3
/** Of the thousands of comparisons of a minute some meet a busy machine several times in a row. */
const TRIES = 10

/**
 * The length at which the work takes far longer than on as much text in pieces; undefined when its time
 * grows with the text. A machine that was busy meanwhile is asked again.
 */
export async function worseThanLinear(
  work: (text: string) => unknown,
  pump: Pump,
  most = 16_384,
): Promise<number | undefined> {
  for (const [nth, length] of LENGTHS.slice(1).entries()) {
    if (length > most) break
    const before = LENGTHS[nth] ?? length
    const long = pumped(pump, length)
    const short = pumped(pump, before)
    const pieces = () => {
      for (let at = 0; at < length; at += before) work(short)
    }
    let tries = 0
    while ((await timesAsLong(() => work(long), pieces)) > MOST)
      if (++tries === TRIES) return length
  }
  return undefined
}
