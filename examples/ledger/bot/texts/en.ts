const DASHBOARD = `Hello {firstName}!
@{handle} ({name})

Balances
{balances}

Offers: {incoming} to answer, {outgoing} under way`

/** Everything the ledger bot says, in English. */
export const en = {
  'reg.welcome': 'Welcome! You have no account here yet. Tap the button to join.',
  'reg.join': 'Join',
  'reg.askFirst': 'Good. What is your first name?',
  'reg.askLast': 'Thanks. And your last name?',
  'reg.done': 'Welcome, your account is ready.',

  'menu.dashboard': DASHBOARD,
  'menu.limited': `${DASHBOARD}\nLeft of your daily limit: {limits}`,
  'menu.noAccount': 'Pick an account to see its balances.',
  'menu.offer': 'Offer credit',
  'menu.offer.about': 'Offer an amount to another account',
  'menu.accept': 'Accept an offer',
  'menu.accept.about': 'Take an offer that waits for you',
  'menu.decline': 'Decline an offer',
  'menu.decline.about': 'Turn down an offer that waits for you',
  'menu.acceptAll': 'Accept all offers',
  'menu.acceptAll.about': 'Take everything that waits for you at once',
  'menu.cancel': 'Cancel an offer',
  'menu.cancel.about': 'Take back an offer that nobody answered yet',
  'menu.ledger': 'See the ledger',
  'menu.ledger.about': 'What came in and went out, newest first',
  'menu.switch': 'Switch account',
  'menu.switch.about': 'Act for another account of yours',
  'menu.upgrade': 'Upgrade',
  'menu.upgrade.about': 'Move to the next tier and lift your daily limit',
  'menu.open': 'Choose',
  'menu.offers': 'Offers',
  'menu.account': 'Your account',

  'ask.amount': 'How much do you want to offer? Send an amount, for example 12.50 or ZWG 100.',
  'ask.handle': 'Which handle should receive it?',
  'ask.confirm': 'Please confirm: {amount} from you (@{from}) to @{to}.',
  'ok.offer': 'Your offer was sent.',
  'ok.cancelled': 'Cancelled, nothing was changed.',

  'list.offers.accept': 'Pending offers to you. Which one do you accept?',
  'list.offers.decline': 'Pending offers to you. Which one do you decline?',
  'list.offers.cancel': 'Your pending offers. Which one do you cancel?',
  'empty.offers': 'There are no offers.',
  'list.offers': 'Pending offers',
  'list.back': 'Back to the menu',
  'ok.accept': 'Offer accepted.',
  'ok.decline': 'Offer declined.',
  'ok.cancel': 'Offer cancelled.',
  'ask.confirmAll': 'Accept all {count} offers?',
  'ok.acceptAll': 'All {count} offers accepted.',
  'ok.acceptAll.partial': 'Accepted {accepted} of {count}, {failed} could not be accepted.',

  'menu.language': 'Español? Send: idioma',
  'pick.language': 'Which language do you want to talk in?',

  'pick.account': 'Which account do you want to act for?',
  'pick.accounts': 'Your accounts',
  'ledger.page': 'Ledger of @{handle}, newest first:\n{lines}',
  'ledger.empty': 'The ledger of @{handle} has no entries yet.',
  'ledger.prev': 'Newer',
  'ledger.next': 'Older',
  'ledger.dashboard': 'Dashboard',
  'ask.upgrade': 'Upgrade to the next tier? A small fee goes off your account.',
  'ok.upgrade': 'Done, you are upgraded to the new tier.',

  'err.button': 'Please use the button below.',
  'err.list': 'Please choose one entry from the list.',
  'err.ledger': 'Please choose one of the options: use a button below.',
  'err.textOnly': 'I can only read text here.',
  'err.name': 'A name has 3 to 50 characters. Please send it again.',
  'err.amount': 'That is not an amount I can use. Send a number above zero, like 12.50 or ZWG 100.',
  'err.amount.denom': 'Unknown denomination. Use one of {denominations}.',
  'err.amount.precision': 'Too many decimals: {denom} has {decimals}.',
  'err.amount.limit': 'That is above your daily limit, {left} left today.',
  'err.amount.balance': 'Not enough balance for that, you have {balance}.',
  'err.handle.format': 'A handle has 1 to 30 letters, digits or underscores.',
  'err.handle.unknown': 'No account with that handle was found.',
  'err.handle.self': 'You cannot offer to yourself. Whose handle is it?',
  'err.confirm': 'Please confirm or cancel.',
  'err.offer.gone': 'That offer is no longer pending.',
  'err.upgrade.balance': 'Not enough balance for the upgrade.',
  'err.upgrade.already': 'You are in that tier already.',
  'err.core': 'The ledger cannot be reached right now, please try again.',
  'err.core.maybe':
    'The ledger gave no answer, so it may have gone through or not. ' +
    'Please try again: nothing is ever done twice.',
  'err.refused': 'The ledger did not take that, nothing was changed.',
  'refused.balance': 'There is not enough balance for that any more, so nothing was offered.',
  'refused.limit': 'That is above your daily limit by now, so nothing was offered.',

  'notice.expired': 'Your session expired, so let us start over.',
  'notice.stale': 'That choice is no longer open.',
  'notice.reset': 'Sorry, something went wrong on our side. Back to the menu.',
  'notice.working': 'Still working on it, one moment.',
  'notice.unresolved':
    'What you confirmed may have gone through. Please check your ledger before you repeat it.',
  'notice.held': 'A person is looking into this. Your messages wait and are answered in order.',
  'notice.retired': 'This has changed meanwhile, so let us start over.',
  'button.confirm': 'Confirm',
  'button.cancel': 'Cancel'
}
