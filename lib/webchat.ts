export {
  type WebChat,
  type WebChatDoor,
  type WebChatSettings,
  webchat
} from './channel/webchat/webchat.ts'
