import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

interface Answer {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>
}

export interface Operation {
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Answer['content'] }
  readonly responses: Readonly<Record<string, Answer>>
}

interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: string
}

type PathItem = Readonly<Partial<Record<'get' | 'post', Operation>>> & {
  readonly parameters?: readonly Parameter[]
}

interface Description {
  readonly openapi: string
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>
}

/** docs/openapi.yaml */
export const description: Description = parse(
  readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'),
)

/** What `#/components/a/b` means; anything else stays as it is. @throws where it means nothing */
export function resolved<T extends { readonly $ref?: string }>(item: T): T {
  if (item.$ref === undefined) return item
  const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec(item.$ref) ?? []
  const found = description.components[kind]?.[name]
  if (!found) throw new Error(`${item.$ref} is not described`)
  return found as T
}

const inPlace = (schema: unknown): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', 'schemas#/$defs/'))
// Formats are for readers: no library of them is needed here.
const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: false })
ajv.addSchema(inPlace({ $id: 'schemas', $defs: description.components.schemas }))

/** @param schema of the description, as it stands there */
export const checkerOf = (schema: object): ValidateFunction => ajv.compile(inPlace(schema))

/** Of a path of the description. @throws where it has none */
export function operationOf(path: string, method: 'get' | 'post' = 'get'): Operation {
  const operation = description.paths[path]?.[method]
  if (!operation) throw new Error(`${method} ${path} is not described`)
  return operation
}

/**
 * What is wrong with a JSON answer, in words; empty when nothing is.
 * @param type media type, what stands behind a semicolon left out
 */
export function faultsOf(
  { responses }: Operation,
  status: number,
  type: string,
  body: string,
): string[] {
  const answer = responses[status] ?? responses.default
  if (!answer) return [`${status} is not described`]
  const media = resolved(answer).content?.[type]
  if (!media?.schema) return [`${status} ${type} is not described`]
  const check = checkerOf(media.schema)
  check(JSON.parse(body))
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}
