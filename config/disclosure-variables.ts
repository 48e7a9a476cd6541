import { contact, webPage } from './network-values.ts'
import { line, oneOf } from './plain-values.ts'
import { optional, withDefault } from './variable.ts'

/** What viewers are told of who runs the server, and what of theirs is seen. */
export const disclosureVariables = {
  OPERATOR: optional(
    'none',
    line(120),
    'who runs this server, as the install page names them: a person, a club, a company',
  ),
  CONTACT: optional(
    'none',
    contact,
    'where they are reached, linked on the install page: an e-mail address, or an http(s) address',
  ),
  PRIVACY_URL: optional(
    'none',
    webPage,
    'http(s) address of your own words about privacy, linked where the install page says what is kept and how long',
  ),
  LOG_IP: withDefault(
    'short',
    oneOf('full', 'short', 'off'),
    "viewers' addresses in the log and on the operators' board: `short` leaves out the last part (`192.0.2.x`, of IPv6 all but the /48), `full` shows them, `off` shows none",
  ),
} as const
