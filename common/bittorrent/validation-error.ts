/**
 * A text or file from outside is invalid or beyond our limits. The message is a sentence for its
 * owner.
 */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
}

/** It is well-formed, but of a kind that is not known here: of a version of BitTorrent after 2 (BEP 52). */
export class UnsupportedTorrentError extends ValidationError {}
