/** A foreign text or file was refused at the door; the message is a whole sentence for its owner. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
}
