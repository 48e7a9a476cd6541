export interface FirstByte {
  /** From the request. */
  readonly ms: number
  readonly from: 'disk' | 'swarm' | 'path'
}

/** The last first-byte times, oldest first: what the status page draws. */
export function createRecentFirstBytes(kept = 60) {
  const recent: FirstByte[] = []
  return {
    add(ms: number, from: FirstByte['from']) {
      recent.push({ ms: Math.round(ms * 10) / 10, from })
      if (recent.length > kept) recent.shift()
    },
    list: (): readonly FirstByte[] => [...recent],
  }
}
