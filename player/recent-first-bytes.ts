import type { PlayTrace, TakenStep } from './play-trace.ts'

export interface FirstByte {
  /** From the request. */
  readonly ms: number
  readonly from: 'disk' | 'swarm' | 'path'
}

/** One of the last starts, explained; nothing says what was played. */
export interface ExplainedStart extends FirstByte {
  readonly steps: readonly TakenStep[]
  readonly stalls: number
  readonly stalledMs: number
}

const EXPLAINED = 8

/** The last first-byte times, oldest first: what the status page draws. */
export function createRecentFirstBytes(kept = 60) {
  // Written over in turn: what lives for sixty ranges and then dies costs a collector the most.
  const recent: { ms: number; from: FirstByte['from'] }[] = []
  let oldest = 0
  const starts: { readonly first: FirstByte; readonly trace: PlayTrace }[] = []
  return {
    add(ms: number, from: FirstByte['from'], trace?: PlayTrace) {
      const tenths = Math.round(ms * 10) / 10
      const slot = recent.length < kept ? undefined : recent[oldest]
      if (slot) {
        slot.ms = tenths
        slot.from = from
        oldest = (oldest + 1) % kept
      } else recent.push({ ms: tenths, from })
      // The further ranges of a play that is known have nothing to explain.
      if (!trace?.took('sources')) return
      starts.push({ first: { ms: tenths, from }, trace })
      if (starts.length > EXPLAINED) starts.shift()
    },
    list: (): readonly FirstByte[] =>
      recent.map((_, i) => ({ ...(recent[(oldest + i) % recent.length] as FirstByte) })),
    /** Stalls go on counting while the play lasts. */
    starts: (): readonly ExplainedStart[] =>
      starts.map(({ first, trace }) => {
        const { steps, stalls, stalledMs } = trace
        return { ...first, steps, stalls, stalledMs }
      }),
  }
}
