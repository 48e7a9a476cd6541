/** EX_TEMPFAIL of sysexits.h: the server has to be asked, and cannot be reached. */
export const NOT_NOW = 75
/** EX_CONFIG of sysexits.h: the settings, or the folder that they name, cannot be used. */
export const BAD_SETTINGS = 78

/** A command cannot go on. The message is a sentence for the user at the terminal. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}
