/* SPDX-License-Identifier: MIT */
int nca_placeholder;
