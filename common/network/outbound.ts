import type { Readable } from 'node:stream'

/** The answer of another server. */
export interface OutboundAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export interface OutboundRequest {
  readonly signal: AbortSignal
  /** For the whole request, in milliseconds. */
  readonly timeoutMs: number
  /** The largest body, in bytes, as it came and inflated; a larger one is the Fault UPSTREAM_FAILED. */
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests to other servers. The main process makes all of them through this interface. */
export interface Outbound {
  /**
   * GET with at most 3 redirects. At each step all addresses of the host are checked, and we
   * connect to one that was checked. Any status is an answer. So is a redirect to a magnet link,
   * which indexers send: it is not followed, and stands in `headers.location`. After a redirect to
   * another origin only harmless headers are sent on, such as accept and user-agent. Cookies that
   * are set on the way go back to their origin until the answer has come, and are not kept. A
   * compressed body is inflated, although none is asked for.
   * @throws Fault OUTBOUND_REFUSED (address, scheme, user name, blocked host) or UPSTREAM_FAILED
   *   (anything else, also when the signal aborted)
   */
  get(url: string, request: OutboundRequest): Promise<OutboundAnswer>
  /** Whether viewers may be redirected to the text: see isForeignUrl. Looks up nothing. */
  mayRedirect(url: string): boolean
}

/** An answer whose body comes as it is read, and as fast. */
export interface OutboundStream {
  readonly status: number
  readonly headers: OutboundAnswer['headers']
  /** Its connection ends with it: whoever takes an answer reads it to its end, or destroys it. */
  readonly body: Readable
}

/** For bodies that no memory has to hold. */
export interface OutboundStreams {
  /**
   * As `get`, but resolves with the headers, and the body stays as it came: `timeoutMs` is for them alone. A silence in the body is
   * its reader's to end.
   * @throws as `get`
   */
  open(url: string, request: Omit<OutboundRequest, 'maxBytes'>): Promise<OutboundStream>
}
