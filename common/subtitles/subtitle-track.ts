/** Subtitles of a source: a file beside its video, or a track within. */
export interface SubtitleTrack {
  /**
   * The file's index in the torrent; beside a local video, made of the file's name; on another server, of its address;
   * `embedded-<track>` of a track within the video. It stays the same.
   */
  readonly id: string
  /** ISO 639-2, `und` when the language is not known. */
  readonly lang: string
  /** On another server, and viewers may ask for it there: any format. */
  readonly url?: string
  /** As the maker of the film calls a track within it: foreign text. */
  readonly title?: string
}
