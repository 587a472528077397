/* Fresh keys for an object, the secret half sealed to the agent: the way in which every secret comes into a store. */
#ifndef PIC_CHANGE_NEWKEYS_H
#define PIC_CHANGE_NEWKEYS_H

#include "model/obj.h"

/* Sets public_key and private_key. The object must have its id: the seal is bound to kind, id and field. */
int pic__newkeys_pair(pic_obj *o, const uint8_t seal_key[32], pic_error **err);
/* The same for a connection (type wireguard): as texts in base64, sealed as pic__secret_seal() would. */
int pic__newkeys_connection(pic_obj *o, const uint8_t seal_key[32], pic_error **err);
/* Sets identity_key and identity_secret: an Ed25519 pair, the secret half as its seed. */
int pic__newkeys_identity(pic_obj *cell, const uint8_t seal_key[32], pic_error **err);
/* Sets preshared_key. */
int pic__newkeys_preshared(pic_obj *o, const uint8_t seal_key[32], pic_error **err);
/* Sets a secret field to these bytes, sealed in the same way. */
int pic__newkeys_sealed(pic_obj *o, const char *field, const uint8_t seal_key[32], const void *secret, size_t len,
                        pic_error **err);

#endif
