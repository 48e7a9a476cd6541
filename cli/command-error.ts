/** sysexits.h: the server has to be asked, and cannot be now. */
export const NOT_NOW = 75
/** sysexits.h: the settings or the folder they name cannot be used. */
export const BAD_SETTINGS = 78

/** A command cannot go on; the message is one sentence for who typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
