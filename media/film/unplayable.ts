/** Thrown where films are read: why a browser cannot be given this one, in a sentence for people. */
export class Unplayable extends Error {
  override readonly name = 'Unplayable'
}
