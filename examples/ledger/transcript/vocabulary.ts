/**
 * What a reply of a kind must at least match; a case may ask for more. Counts differ from case to
 * case, so any number stands for them here.
 */
export const VOCABULARY: Readonly<Record<string, RegExp>> = {
  'reg.welcome': /join|become a member|sign up/is,
  'reg.askFirst': /first name/is,
  'reg.askLast': /last name/is,
  'reg.done': /welcome|account.*(ready|open)/is,
  'menu.dashboard': /balance/is,
  'err.button': /(use|tap|press|choose).*button/is,
  'err.list': /(choose|pick|select).*(list|menu|option)/is,
  'err.textOnly': /text/is,
  'err.name': /3.*50/is,
  'ask.amount': /how much|amount/is,
  'err.amount': /amount|positive|zero/is,
  'err.amount.denom': /(denomination|currency).*CAD.*USD/is,
  'err.amount.precision': /decimal/is,
  'err.amount.limit': /limit/is,
  'err.amount.balance': /balance|available|enough/is,
  'ask.handle': /handle/is,
  'err.handle.format': /handle.*(letter|30|character)/is,
  'err.handle.unknown': new RegExp(
    "(no |not |n't |unknown).*(account|handle|found|find|exist)" +
      "|(account|handle).*(not|n't|unknown)",
    'is'
  ),
  'err.handle.self': /yourself|your own/is,
  'ask.confirm': /confirm/is,
  'err.confirm': /confirm.*cancel/is,
  'ok.offer': /offer.*(sent|made|created)|(sent|made|created).*offer/is,
  'ok.cancelled': /cancel/is,
  'notice.expired': /expired|timed out|start(ing)? (over|again)/is,
  'notice.stale': /no longer|out of date|already|expired/is,
  'err.core': /try again|unavailable/is,
  'notice.reset': /sorry|went wrong/is,
  'list.offers': /offer/is,
  'empty.offers': /no .*offer/is,
  'ok.accept': /accepted/is,
  'ok.decline': /declined/is,
  'ok.cancelOffer': /cancell?ed/is,
  'err.offer.gone': /no longer|not pending|already/is,
  'ask.confirmAll': /\d+ offers/is,
  'ok.acceptAll.partial': /\d+.*\d+/is,
  'ledger.page': /ledger|transactions/is,
  'pick.account': /account/is,
  'ask.upgrade': /upgrade|tier/is,
  'ok.upgrade': /upgraded|new tier/is,
  'err.upgrade.balance': /balance|enough/is
}
