/** A range of a file's bytes; both ends are included (RFC 9110 14.1.1). */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads the bytes of one range in order: of a file on disk, or of one that is still downloading
 * (then a read waits for verified bytes). The caller owns the buffer. One read at a time.
 */
export interface ByteReader {
  /**
   * Reads into the beginning of `into`. Resolves with the number of bytes, at least 1; 0 at the end
   * of the range.
   * @throws Fault STALLED, ENGINE_DIED or INTERNAL (read error); any error after close()
   */
  read(into: Buffer): Promise<number>
  /** Also ends a read that waits. May be called twice. */
  close(): void
}
