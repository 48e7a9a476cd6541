import { cleanText } from '../common/clean-text.ts'
import { systemClock } from '../common/clock.ts'
import { createLog } from '../common/log.ts'
import { createAddressRules } from '../common/network/address-rules.ts'
import { createOutbound } from '../common/network/guarded-outbound.ts'
import { match } from '../sources/matching/match.ts'
import type { TitleFacts } from '../sources/matching/titles/title-facts.ts'
import { verdictText } from '../sources/matching/verdict.ts'
import { WorkerNameParser } from '../sources/names/name-parser.ts'
import { NO_NAME, type ParsedName } from '../sources/names/parsed-name.ts'
import { createTitleNames } from '../sources/providers/shared/cinemeta.ts'
import { reasonOf } from '../sources/providers/shared/foreign-answer.ts'
import { Questions } from '../sources/providers/shared/questions.ts'
import { type ExplainOptions, readExplainOptions } from './explain-options.ts'
import { CommandError, NOT_NOW } from './shared/command-error.ts'
import { loadSettings, runCommand } from './shared/run-command.ts'

const NOT_RIGHT = 1
const ASK_MS = 10_000
/** Nobody else waits for this name, and a busy machine is no reason to say that it cannot be read. */
const PATIENT = { nameMs: 20_000, startMs: 60_000, budgetMs: 60_000, waitMs: 60_000 }
const log = createLog('error')('sources')

/** Nothing is remembered: a name is explained by what is known now. */
const noIndex = { readValue: async () => undefined, writeValue: async () => true }

async function factsOf({ title, facts }: ExplainOptions): Promise<TitleFacts | undefined> {
  if (facts) return facts
  const { config } = loadSettings()
  const clock = systemClock
  const outbound = createOutbound({ rules: createAddressRules(config.outboundAllow), log })
  const questions = new Questions({ clock, log })
  const base = config.providers.cinemetaUrl
  const names = createTitleNames({ base, outbound, clock, questions, index: noIndex })
  try {
    return await names.find(title, AbortSignal.timeout(ASK_MS))
  } catch (error) {
    throw new CommandError(NOT_NOW, `The metadata server cannot be asked: ${reasonOf(error)}.`)
  } finally {
    names.close()
    outbound.close()
  }
}

async function read(name: string): Promise<ParsedName> {
  const parser = new WorkerNameParser({ clock: systemClock, log, ...PATIENT })
  try {
    const [parsed = NO_NAME] = await parser.releases([name])
    return parsed
  } finally {
    await parser.close()
  }
}

/** One fact a line; what is not known has none. */
function lines(name: string, parsed: ParsedName, facts: TitleFacts | undefined): string {
  const { resolution, medium, codec, hdr, audio, languages, group, tokens } = parsed
  const known: readonly (readonly [string, string])[] = [
    ['name', name],
    ['read as', tokens],
    ['quality', [resolution, medium, ...hdr, codec].filter(Boolean).join(' ')],
    ['audio', audio.join(', ')],
    ['languages', languages.join(', ')],
    ['group', group ?? ''],
    ['title', facts ? titleLine(facts) : 'nobody knows it'],
    ['also called', facts?.aliases?.join('; ') ?? ''],
    [
      'seasons',
      (facts?.seasons ?? []).map(({ season, episodes }) => `${season}: ${episodes}`).join(', '),
    ],
  ]
  return known
    .filter(([, text]) => text !== '')
    .map(([what, text]) => `${what.padEnd(12)} ${cleanText(text, 500)}\n`)
    .join('')
}

function titleLine({ name, year, endYear, countries = [] }: TitleFacts): string {
  const end = endYear === undefined || endYear === year ? '' : `-${endYear}`
  const where = countries.length > 0 ? `, ${countries.join(', ').toUpperCase()}` : ''
  return `${name}${year === undefined ? '' : ` (${year}${end})`}${where}`
}

async function explain(options: ExplainOptions): Promise<number> {
  const [parsed, facts] = await Promise.all([read(options.name), factsOf(options)])
  const verdict = match(parsed, options.title, facts)
  process.stdout.write(lines(options.name, parsed, facts))
  process.stdout.write(`${'verdict'.padEnd(12)} ${verdictText(verdict)}\n`)
  return verdict.kind === 'right' ? 0 : NOT_RIGHT
}

await runCommand(readExplainOptions(process.argv.slice(2)), explain)
