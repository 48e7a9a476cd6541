import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import {
  type Answer,
  type Method,
  type Operation,
  readDescription,
  resolved as resolvedIn,
} from '../../server/pages/reference/description.ts'

const NDJSON = 'application/x-ndjson'

/** docs/openapi.yaml */
export const description = readDescription('0.0.0')

/** What `#/components/a/b` means; anything else stays as it is. @throws where it means nothing */
export const resolved = <T extends { readonly $ref?: string }>(item: T): T =>
  resolvedIn(description, item)

const inPlace = (schema: unknown): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', 'schemas#/$defs/'))
// Formats are for readers: no library of them is needed here.
const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: false })
ajv.addSchema(inPlace({ $id: 'schemas', $defs: description.components.schemas }))

/** @param schema of the description, as it stands there */
export const checkerOf = (schema: object): ValidateFunction => ajv.compile(inPlace(schema))

/** Of a path of the description. @throws where it has none */
export function operationOf(path: string, method: Method = 'get'): Operation {
  const operation = description.paths[path]?.[method]
  if (!operation) throw new Error(`${method} ${path} is not described`)
  return operation
}

/** Those of every address too. */
const codesOf = (operation: Operation): readonly string[] => [
  ...(operation['x-error-codes'] ?? []),
  ...(resolved<Answer>({ $ref: '#/components/responses/Error', description: '' })[
    'x-error-codes'
  ] ?? []),
]

/**
 * What is wrong with a JSON answer, in words; empty when nothing is.
 * @param type media type, each line of application/x-ndjson for itself; what stands behind a semicolon left out
 */
export function faultsOf(
  operation: Operation,
  status: number,
  type: string,
  body: string,
): string[] {
  const { responses } = operation
  const answer = responses[status] ?? responses.default
  if (!answer) return [`${status} is not described`]
  const media = resolved(answer).content?.[type]
  if (!media?.schema) return [`${status} ${type} is not described`]
  const check = checkerOf(media.schema)
  const texts = type === NDJSON ? body.split('\n').filter((line) => line !== '') : [body]
  return texts.flatMap((text) => {
    const said = JSON.parse(text)
    check(said)
    const code = status >= 400 ? said.error?.code : undefined
    const isUnknown = code !== undefined && !codesOf(operation).includes(code)
    return [
      ...(isUnknown ? [`${code} is not described`] : []),
      ...(check.errors ?? []).map(
        (one) => `${one.instancePath} ${one.message} ${JSON.stringify(one.params)}`,
      ),
    ]
  })
}
