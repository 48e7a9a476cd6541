import { type Logger, pino } from 'pino'

export type Log = Logger

/** The names a line can carry; one place, so that an operator can filter by them. */
export type LogName =
  | 'main'
  | 'http'
  | 'play'
  | 'sources'
  | 'torrent'
  | 'engine'
  | 'cache'
  | 'janitor'
  | 'outbound'

export function createLog(level: string): (name: LogName) => Log {
  const root = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
  return (name) => root.child({ name })
}
