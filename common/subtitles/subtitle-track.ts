/** A subtitle file of a source. */
export interface SubtitleTrack {
  /** The file's index in the torrent; beside a local video, made of the file's name. It stays the same. */
  readonly id: string
  /** ISO 639-2, `und` when the language is not known. */
  readonly lang: string
}
