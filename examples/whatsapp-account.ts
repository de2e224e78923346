const env = process.env

/** The number that the bot speaks from, and the app that it belongs to. */
export const account = {
  appSecret: env['WHATSAPP_APP_SECRET'] ?? '',
  verifyToken: env['WHATSAPP_VERIFY_TOKEN'] ?? '',
  accessToken: env['WHATSAPP_ACCESS_TOKEN'] ?? '',
  phoneNumberId: env['WHATSAPP_PHONE_NUMBER_ID'] ?? '',
  apiUrl: env['WHATSAPP_API_URL'] ?? 'https://graph.facebook.com/v22.0'
}
