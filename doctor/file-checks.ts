import { readFile } from 'node:fs/promises'
import { isMissing } from '../cache/disk/replace-file.ts'
import { parseAccessTokens } from '../common/access-tokens.ts'
import { errorCode } from '../common/errors.ts'
import { typed } from '../common/host/command-names.ts'
import { createLog } from '../common/log.ts'
import { createBlocklistFile } from '../sources/lists/blocklist-file.ts'
import { isWebPlace, localPlace, webPlace } from '../sources/providers/catalogue/catalogue-load.ts'
import { CatalogueParser } from '../sources/providers/catalogue/catalogue-parser.ts'
import { type Check, fault, ok, type Verdict, warning } from './finding.ts'
import type { Setup } from './setup.ts'
import { adviceFor, causeOf } from './why-unreachable.ts'

/** The files that the settings name, read as the server reads them. */
export function fileChecks(setup: Setup): readonly Check[] {
  const { catalogues, blocklist, accessTokens } = setup.config
  return [
    ...catalogues.map((location) => ({
      name: 'CATALOGUE',
      run: (signal: AbortSignal) => checkCatalogue(location, setup, signal),
    })),
    ...(blocklist === undefined
      ? []
      : [{ name: 'BLOCKLIST', run: () => checkBlocklist(blocklist) }]),
    ...(accessTokens === undefined
      ? []
      : [{ name: 'ACCESS_TOKENS', run: () => checkTokens(accessTokens) }]),
  ]
}

async function checkCatalogue(
  location: string,
  { outbound }: Setup,
  signal: AbortSignal,
): Promise<Verdict> {
  const parser = new CatalogueParser()
  const isWeb = isWebPlace(location)
  const place = isWeb ? webPlace(location, outbound, parser) : localPlace(location, parser)
  try {
    const { catalogues = [], problems = [] } = (await place.read(undefined, signal)) ?? {}
    const titles = catalogues.reduce((sum, one) => sum + one.titles.length, 0)
    const wrong = [...problems, ...catalogues.flatMap((one) => one.problems)]
    const [first] = wrong
    if (titles === 0 && first === undefined) {
      return warning(`${place.name} has no titles`, 'Name another file or folder in CATALOGUE.')
    }
    if (first === undefined) return ok(`${place.name} has ${titles} titles`)
    const said = `${place.name} has ${titles} titles and ${wrong.length} mistakes, such as: ${first}`
    return warning(said, 'Mend it: what is wrong is left out.')
  } catch (error) {
    const todo = isWeb ? adviceFor(error, 'CATALOGUE') : 'Name a file or a folder in CATALOGUE.'
    return fault(`cannot be read: ${causeOf(error).message}`, todo)
  } finally {
    await parser.close()
  }
}

async function checkBlocklist(path: string): Promise<Verdict> {
  const file = createBlocklistFile(path, createLog('silent')('sources'))
  try {
    await file.start()
    return ok(`${path} is read`)
  } catch (error) {
    return fault((error as Error).message, 'Without it the server does not start: mend the path.')
  } finally {
    await file.close()
  }
}

async function checkTokens(path: string): Promise<Verdict> {
  try {
    const { length } = parseAccessTokens(await readFile(path, 'utf8'))
    if (length > 0) return ok(`${path} has ${length} of them`)
    return warning(
      `${path} holds none: nobody can use the addon`,
      `Add one: ${typed.token} add NAME.`,
    )
  } catch (error) {
    if (isMissing(error)) {
      return warning(
        `${path} is not there: nobody can use the addon`,
        `Add one: ${typed.token} add NAME.`,
      )
    }
    const why = errorCode(error) ?? 'it is no file of access tokens'
    return fault(`${path} cannot be read (${why})`, 'Without it the server does not start.')
  }
}
