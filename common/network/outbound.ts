/** One guarded answer of another server. */
export interface OutboundAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export interface OutboundRequest {
  readonly signal: AbortSignal
  /** Whole request, milliseconds. */
  readonly timeoutMs: number
  /** Largest body in bytes; more = Fault UPSTREAM_FAILED. */
  readonly maxBytes: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The only way out of the main process. */
export interface Outbound {
  /**
   * GET with at most 3 redirects, every hop's every address checked, connected to the checked one.
   * Any status is an answer, and so is a redirect to a magnet link, which indexers send: it is not
   * followed, and stands in `headers.location`. A redirect to another origin takes no caller's header along but
   * accept, accept-language and user-agent; the body comes as it is, never decompressed.
   * @throws Fault OUTBOUND_REFUSED (address, scheme or userinfo), UPSTREAM_FAILED (all else, also
   *   when the signal fired)
   */
  get(url: string, request: OutboundRequest): Promise<OutboundAnswer>
  /** Whether the text is an http(s) URL without userinfo, CR/LF, at most 2 KiB. Resolves nothing. */
  mayRedirect(url: string): boolean
}
