import {
  type Description,
  type Method,
  type Operation,
  type Parameter,
  resolved,
} from './description.ts'

/** One argument of a POSIX shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * Commands that ask for a path of the description, its parameters filled by their examples: one for each example of a
 * body, else one. None where only people or other nodes ask.
 * @param base of the server, without a slash at its end
 */
export function curlLines(
  all: Pick<Description, 'components'>,
  asked: {
    readonly base: string
    readonly path: string
    readonly method: Method
    readonly operation: Operation
    readonly parameters: readonly Parameter[]
  },
): readonly string[] {
  const { base, path, method, operation } = asked
  if (operation.tags.some((tag) => tag === 'pages' || tag === 'nodes')) return []
  const [way = {}] = operation.security ?? []
  const answers = Object.values(operation.responses).map((one) => resolved(all, one))
  const types = new Set(answers.flatMap(({ content = {} }) => Object.keys(content)))
  const filled = asked.parameters.reduce(
    (text, one) => text.replaceAll(`{${one.name}}`, String(one.schema.examples?.[0] ?? '')),
    path,
  )
  const options = [
    ...('302' in operation.responses ? ['-L'] : []),
    ...(types.has('application/x-ndjson') ? ['-N'] : []),
    ...(types.has('*/*') ? ['-o film'] : []),
    ...(method === 'post' ? ['-X POST'] : []),
    quoted(base + filled),
    ...('adminToken' in way ? ['-H "Authorization: Bearer $ADMIN_TOKEN"'] : []),
  ]
  const line = ['curl', ...options].join(' ')
  const { schema } = operation.requestBody?.content['application/json'] ?? {}
  if (!schema) return [line]
  const { examples = [] } = resolved(all, schema)
  return examples.map(
    (body) => `${line} -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`,
  )
}
