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
  const recent: FirstByte[] = []
  const starts: { readonly first: FirstByte; readonly trace: PlayTrace }[] = []
  return {
    add(ms: number, from: FirstByte['from'], trace?: PlayTrace) {
      const first = { ms: Math.round(ms * 10) / 10, from }
      recent.push(first)
      if (recent.length > kept) recent.shift()
      // The further ranges of a play that is known have nothing to explain.
      if (!trace?.took('sources')) return
      starts.push({ first, trace })
      if (starts.length > EXPLAINED) starts.shift()
    },
    list: (): readonly FirstByte[] => [...recent],
    /** Stalls go on counting while the play lasts. */
    starts: (): readonly ExplainedStart[] =>
      starts.map(({ first, trace }) => {
        const { steps, stalls, stalledMs } = trace
        return { ...first, steps, stalls, stalledMs }
      }),
  }
}
