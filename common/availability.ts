/** What of a source's file is on this server now, for the descriptions in a list. */
export type Availability =
  /** `videoHash`: 16 hex digits, the hash by which OpenSubtitles names a video, once it is computed. */
  | { readonly kind: 'ready'; readonly videoHash?: string }
  | { readonly kind: 'downloading'; readonly percent: number }
  | { readonly kind: 'remote' }
