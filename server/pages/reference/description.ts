import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { FaultCode } from '../../../common/errors.ts'
import { orderSchemas } from '../../admin/orders.ts'

/** A JSON Schema (2020-12), as much of it as the description uses. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly examples?: readonly unknown[]
}

type MediaTypes = Readonly<Record<string, { readonly schema?: Schema }>>

export interface Parameter {
  readonly $ref?: string
  readonly name: string
  readonly in: string
  readonly description?: string
  readonly required?: boolean
  readonly schema: Schema
}

export interface Answer {
  readonly $ref?: string
  readonly description: string
  readonly content?: MediaTypes
  readonly 'x-error-codes'?: readonly FaultCode[]
}

export interface Operation {
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: MediaTypes }
  readonly responses: Readonly<Record<string, Answer>>
  /** The first is the usual way in; an empty one lets everybody in. */
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly 'x-error-codes'?: readonly FaultCode[]
}

export const METHODS = ['get', 'post'] as const
export type Method = (typeof METHODS)[number]

export type PathItem = Readonly<Partial<Record<Method, Operation>>> & {
  readonly summary?: string
  readonly parameters?: readonly Parameter[]
}

/** docs/openapi.yaml, OpenAPI 3.1. */
export interface Description {
  readonly info: { readonly description: string; readonly version: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>
}

const FILE = new URL('../../../docs/openapi.yaml', import.meta.url)

/**
 * docs/openapi.yaml, of the version that runs, with the schemas of what may be posted. What several paths share is one
 * object in it.
 */
export function readDescription(version: string): Description {
  const text = parse(readFileSync(FILE, 'utf8'))
  const { schemas, ...components } = text.components
  const orders = orderSchemas('#/components/schemas/')
  return {
    ...text,
    info: { ...text.info, version },
    components: { ...components, schemas: { ...schemas, ...orders } },
  }
}

/** What `#/components/a/b` means; anything else stays as it is. @throws where it means nothing */
export function resolved<T extends { readonly $ref?: string }>(
  { components }: Pick<Description, 'components'>,
  item: T,
): T {
  if (item.$ref === undefined) return item
  const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec(item.$ref) ?? []
  const found = components[kind]?.[name]
  if (!found) throw new Error(`${item.$ref} is not described`)
  return found as T
}
