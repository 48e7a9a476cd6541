/** Reads whole ranges; `end` is not included. */
export type ReadPart = (start: number, end: number) => Promise<Uint8Array>

/** Bytes of a file, as whoever takes it apart reads them. */
export interface Readable {
  readonly size: number
  readonly read: ReadPart
}
