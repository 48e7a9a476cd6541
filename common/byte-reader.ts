/** A range of a file's bytes, both ends included (RFC 9110 14.1.1). */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Pulls the bytes of one range in order. The caller owns the buffer; one read at a time.
 * Sources of bytes: a file on disk, or a file that still arrives (then a read waits for verified bytes).
 */
export interface ByteReader {
  /**
   * Fills `into` from its beginning; resolves with how many bytes (at least 1), or 0 at the range's end.
   * @throws Fault STALLED, ENGINE_DIED, INTERNAL (read error). After close(): rejects.
   */
  read(into: Buffer): Promise<number>
  /** Ends a waiting read too. Safe to call twice. */
  close(): void
}
