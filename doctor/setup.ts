import type { Clock } from '../common/clock.ts'
import type { AddressRules } from '../common/network/address-rules.ts'
import type { Outbound } from '../common/network/outbound.ts'
import type { Config } from '../config/config.ts'

/** What is looked at, and the way out to other servers. */
export interface Setup {
  readonly config: Config
  readonly rules: AddressRules
  readonly outbound: Outbound
  readonly clock: Clock
}
