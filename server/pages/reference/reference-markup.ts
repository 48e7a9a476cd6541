import { type FaultCode, faults } from '../../../common/errors.ts'
import { whatToDo } from '../../../common/faults/what-to-do.ts'
import { all, type Html, html } from '../../markup/html.ts'
import { type Answer, resolved } from './description.ts'
import { operationMarkup, type ReferenceView } from './operation-markup.ts'
import { listOperations } from './operations.ts'
import { prose } from './prose.ts'
import { shapeText } from './shape-text.ts'

/** The whole description for people: every operation by its tag, then every error. */
export function referenceMarkup(view: ReferenceView): Html {
  const { description } = view
  const { tags, info } = description
  const operations = listOperations(description)
  return html`      <section class="card" aria-labelledby="about">
        <h2 id="about">What this server answers</h2>
        <p>${prose(info.description)}</p>
        <p class="soft small">The same for programs, as OpenAPI 3.1:
          <a href="api/openapi.json">api/openapi.json</a>. <code>Authorization</code> is
          <code>Bearer</code> and ADMIN_TOKEN; the commands take it from the shell’s
          <code>$ADMIN_TOKEN</code>.</p>
        <nav aria-label="Parts of this page"><ul class="codes">${all(
          [...tags.map(({ name }) => name), 'errors'],
          (name) => html`<li><a href="#${name}">${name}</a></li>`,
        )}</ul></nav>
      </section>
${all(
  tags,
  ({ name, description: what }) => html`      <section class="card" aria-labelledby="${name}">
        <h2 id="${name}">${capital(name)}</h2>
        <p class="soft small">${prose(what)}</p>
        ${all(
          operations.filter(({ operation }) => operation.tags.includes(name)),
          (one) => operationMarkup(view, one),
        )}
      </section>`,
)}
${errorMarkup(view)}`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The shape of every refusal, the codes that any address may answer with, and what each code means. */
function errorMarkup({ description }: ReferenceView): Html {
  const refusal = resolved<Answer>(description, {
    $ref: '#/components/responses/Error',
    description: '',
  })
  const { schema = {} } = refusal.content?.['application/json'] ?? {}
  const ofEvery = new Set<string>(refusal['x-error-codes'])
  const codes = Object.entries(faults) as [FaultCode, readonly [number, string]][]
  return html`      <section class="card" aria-labelledby="errors">
        <h2 id="errors">Errors</h2>
        <p class="soft small">${prose(refusal.description)}</p>
        <pre class="shape"><code>${shapeText(description, schema)}</code></pre>
        <dl class="pairs errors">${all(
          codes,
          ([code, [status, message]]) => html`<dt id="${code}"><code>${code}</code>
            <span class="soft small">${String(status)}${ofEvery.has(code) ? ', any address' : ''}</span></dt>
          <dd>${message} <span class="soft">${whatToDo[code]}</span></dd>`,
        )}</dl>
      </section>`
}
