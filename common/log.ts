import { createRequire } from 'node:module'
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'

export type Log = Logger

/** The `name` of a log line, by which an operator can filter. */
export type LogName =
  | 'main'
  | 'http'
  | 'play'
  | 'sources'
  | 'torrent'
  | 'engine'
  | 'cache'
  | 'cluster'
  | 'janitor'
  | 'outbound'
  | 'limits'

/** `pretty` is for people, `json` (one object a line) for programs. */
export type LogFormat = 'pretty' | 'json'

/**
 * Written before the call that logs returns, as pino's own lines are: a transport or a stream of
 * pino-pretty would still hold the last ones when the process ends.
 */
function prettyLines(): DestinationStream {
  // Loaded here only: most servers have no terminal, and it would cost each of them memory.
  const { prettyFactory, isColorSupported }: typeof import('pino-pretty') = createRequire(
    import.meta.url,
  )('pino-pretty')
  const pretty = prettyFactory({
    colorize: isColorSupported,
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  })
  const out = pino.destination({ dest: 1, sync: true })
  return { write: (line) => void out.write(pretty(line)) }
}

/** @param covered a line as it may be written, without secrets */
export function createLog(
  level: string,
  format: LogFormat = 'json',
  covered: (line: string) => string = (line) => line,
): (name: LogName) => Log {
  const options: LoggerOptions = {
    hooks: { streamWrite: covered },
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  const root = format === 'pretty' ? pino(options, prettyLines()) : pino(options)
  return (name) => root.child({ name })
}
