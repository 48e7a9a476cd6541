import type { FaultCode } from '../../../common/errors.ts'
import { all, type Html, html } from '../../markup/html.ts'
import { curlLines } from './curl-line.ts'
import {
  type Answer,
  type Description,
  type Parameter,
  resolved,
  type Schema,
} from './description.ts'
import type { ListedOperation } from './operations.ts'
import { prose } from './prose.ts'
import { shapeText } from './shape-text.ts'

export interface ReferenceView {
  readonly description: Description
  /** Of the server, without a slash at its end. */
  readonly base: string
  /** Whether an address stands open where viewers need a token. */
  readonly isOpen: (path: string) => boolean
}

const NOTHING: Html = { markup: '' }

/** One operation, folded: its line, and all that is to be known of it below. */
export function operationMarkup(view: ReferenceView, listed: ListedOperation): Html {
  const { method, operation, paths, parameters } = listed
  const [first = { path: '', summary: '' }, ...others] = paths
  const { description = '', summary } = operation
  return html`<details class="route">
          <summary><span class="method" data-method="${method}">${method.toUpperCase()}</span>
            <code class="path">${first.path}</code> <span class="soft">${prose(summary)}</span></summary>
          <div class="told">
            ${description === '' ? NOTHING : html`<p>${prose(description)}</p>`}
            <p class="soft small">${needed(view, listed)}</p>
            ${pathList(paths, others.length > 0 || first.summary !== '')}
            ${parameterList(view.description, parameters)}
            ${bodyShape(view.description, listed)}
            ${commandList(view, listed, first.path)}
            ${answerList(view.description, operation.responses)}
            ${codeList(operation['x-error-codes'] ?? [])}
          </div>
        </details>`
}

/** Who is answered, a sentence. */
function needed({ isOpen }: ReferenceView, { operation, paths }: ListedOperation): string {
  const [way, otherwise] = operation.security ?? []
  if (way && 'nodeSignature' in way)
    return 'For other nodes of the cluster: each request is signed.'
  if (way && 'adminToken' in way) {
    return 'Needs ADMIN_TOKEN; where none is set, this machine alone is answered.'
  }
  const more =
    otherwise && 'adminToken' in otherwise ? ' With ADMIN_TOKEN the answer tells more.' : ''
  const open = paths.filter(({ path }) => isOpen(path)).length
  if (open === paths.length) return `Open to all.${more}`
  const which = open > 0 ? ', except where it says open to all' : ''
  return `Open to all; with ACCESS_TOKENS only below /t/<a viewer’s token>${which}.${more}`
}

const pathList = (paths: ListedOperation['paths'], isWanted: boolean): Html =>
  isWanted
    ? html`<h3>Addresses</h3>
            <ul class="plain">${all(
              paths,
              ({ path, summary }) =>
                html`<li><code class="path">${path}</code> ${prose(summary)}</li>`,
            )}</ul>`
    : NOTHING

function parameterList(description: Description, parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return NOTHING
  return html`<h3>Parameters</h3>
            <dl class="pairs">${all(
              parameters,
              (
                one,
              ) => html`<dt><code>${one.name}</code> <span class="soft small">${one.in}</span></dt>
              <dd><code>${shapeText(description, one.schema)}</code>${prose(said(one))}</dd>`,
            )}</dl>`
}

function said({ description, required = false, schema }: Parameter): string {
  const example = schema.examples?.[0]
  return [
    ...(required ? [] : [', may be left out']),
    ...(example === undefined ? [] : [`, such as \`${example}\``]),
    ...(description === undefined ? [] : [`. ${description}`]),
  ].join('')
}

function bodyShape(description: Description, { operation }: ListedOperation): Html {
  const { schema } = operation.requestBody?.content['application/json'] ?? {}
  return schema ? html`<h3>Body, as JSON</h3>${shape(description, schema)}` : NOTHING
}

const shape = (description: Description, schema: Schema): Html =>
  html`<pre class="shape"><code>${shapeText(description, schema)}</code></pre>`

/** `default` is a refusal, which is the same everywhere. */
function answerList(description: Description, answers: Readonly<Record<string, Answer>>): Html {
  const good = Object.entries(answers).filter(([status]) => status !== 'default')
  return html`<h3>Answers</h3>
            <dl class="pairs">${all(good, ([status, answer]) => {
              const { description: what, content = {} } = resolved(description, answer)
              return html`<dt><code>${status}</code></dt>
              <dd>${prose(what)} <span class="soft small">${Object.keys(content).join(', ')}</span>${all(
                Object.values(content).filter(hasMembers(description)),
                ({ schema }) => shape(description, schema ?? {}),
              )}</dd>`
            })}</dl>`
}

/** Where it says only that there is text or an object, there is nothing to show. */
const hasMembers =
  (description: Description) =>
  ({ schema }: { readonly schema?: Schema }): boolean =>
    schema !== undefined && shapeText(description, schema).includes('{')

const codeList = (codes: readonly FaultCode[]): Html =>
  codes.length === 0
    ? NOTHING
    : html`<h3>Errors, beside those of every address</h3>
            <ul class="codes">${all(
              codes,
              (code) => html`<li><a href="#${code}"><code>${code}</code></a></li>`,
            )}</ul>`

function commandList(view: ReferenceView, listed: ListedOperation, path: string): Html {
  const lines = curlLines(view.description, { ...listed, base: view.base, path })
  if (lines.length === 0) return NOTHING
  return html`<h3>With curl</h3>${all(
    lines,
    (line) => html`<div class="command"><pre><code>${line}</code></pre>
              <button class="button compact" type="button" aria-label="Copy: ${line}" hidden>Copy</button></div>`,
  )}`
}
