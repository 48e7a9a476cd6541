/** How much of a listed source is on this server; `ready` too where another node of its cluster has it. */
export type Availability = (
  | /** `videoHash`: OpenSubtitles' hash, 16 hex digits; absent until it was computed. */
  { readonly kind: 'ready'; readonly videoHash?: string }
  | { readonly kind: 'downloading'; readonly percent: number }
  /** Nothing of it. */
  | { readonly kind: 'remote' }
) & {
  /** Absent: nothing is known of it. */
  readonly file?: FileFacts
}

/** What this server has found out of the file that a source means; each is absent until then. */
export interface FileFacts {
  /** As it is called in its torrent, without folders. */
  readonly name?: string
  /** Bytes. */
  readonly size?: number
  readonly tracks?: FileTracks
  readonly played?: PlayedHere
}

/** What a look into a film found. Languages are ISO 639 or BCP 47, `und` where the file says none. */
export interface FileTracks {
  /** The codec of the picture, as RFC 6381 has it. */
  readonly picture: string
  /** The same, or the container's own name where there is none: `ac-3`, `A_TRUEHD`. */
  readonly audio: readonly { readonly codec: string; readonly language: string }[]
  /** Languages of those that are text. */
  readonly subtitles: readonly string[]
}

/** How it came when it was last fetched for somebody who played it here; nothing of who. */
export interface PlayedHere {
  /** From the request to the first byte, in milliseconds. */
  readonly firstByteMs?: number | undefined
  readonly bytesPerSecond?: number | undefined
  /** Days of the calendar; 0: today. */
  readonly daysAgo: number
}
