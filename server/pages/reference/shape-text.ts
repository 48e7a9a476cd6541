import { type Description, resolved, type Schema } from './description.ts'

type Components = Pick<Description, 'components'>

const INDENT = '  '

/**
 * A schema as people read it, in the manner of TypeScript: `?` behind what may be missing, what is said of a
 * member behind `//`. Several lines where there are members.
 */
export function shapeText(all: Components, schema: Schema, indent = ''): string {
  const { const: only, enum: some, oneOf, anyOf, type } = resolved(all, schema)
  if (only !== undefined) return JSON.stringify(only)
  if (some) return some.map((one) => JSON.stringify(one)).join(' | ')
  const either = oneOf ?? anyOf
  if (either) return either.map((one) => shapeText(all, one, indent)).join(' | ')
  const kinds = [type ?? 'anything'].flat()
  return kinds.map((kind) => shapeOf(all, kind, resolved(all, schema), indent)).join(' | ')
}

function shapeOf(all: Components, kind: string, schema: Schema, indent: string): string {
  if (kind === 'array') {
    const items = shapeText(all, schema.items ?? {}, indent)
    return / \| (?![^{]*\})/.test(items) ? `(${items})[]` : `${items}[]`
  }
  if (kind !== 'object') return kind
  const { properties = {}, required = [], additionalProperties: others } = schema
  const inner = indent + INDENT
  const members = Object.entries(properties).map(([name, member]) => {
    const sign = required.includes(name) ? '' : '?'
    return `${inner}${name}${sign}: ${shapeText(all, member, inner)}${remark(all, member)}`
  })
  if (typeof others === 'object') {
    members.push(`${inner}[name]: ${shapeText(all, others, inner)}`)
  }
  return members.length === 0 ? 'object' : `{\n${members.join('\n')}\n${indent}}`
}

function remark(all: Components, member: Schema): string {
  const { description, format } = resolved(all, member)
  const said = [description, ...(format ? [format] : [])].filter((one) => one !== undefined)
  return said.length === 0 ? '' : `  // ${said.join(' ')}`
}
