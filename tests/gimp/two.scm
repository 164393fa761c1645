; SPDX-License-Identifier: MIT
;
; The words that the tests are written in, for GIMP 2.10; three.scm has them for GIMP 3.

(define (say . words) (gimp-message (apply string-append "TEST " words)))

; What a procedure of ours takes beside the run mode, image and layer, in order.
(define train-values
  '((preset 0) (size 40) (padding 16) (from "lizard") (iterations 0) (seed 0) (output "")))
(define film-values
  '((steps 200) (every 4) (events "0 plant 50% 50%") (angle 0) (fire-rate -1) (seed 0)))
(define time-values '((delay 100) (hold-first 0) (hold-last 0) (loop 0)))
(define grow-values
  (append '((model "") (output 0)) film-values '((edge 0) (scale 0) (interp 1)) time-values))
(define regenerate-values
  (append '((output 2)) (map (lambda (v) (if (eq? (car v) 'events) '(events "") v)) film-values)
          time-values))

; Choices have numbers in 2.10.
(define choices
  '((draft 0) (standard 1) (best 2) (new-image 0) (layers 1) (layer 2) (in-place 2)
    (nearest 0) (bilinear 1) (model 0) (zero 1) (wrap 2) (restart 0) (back 1)))

(define (value-of name given default)
  (let ((found (assq name given)))
    (cond ((not found) default)
          ((symbol? (cadr found)) (cadr (assq (cadr found) choices)))
          (else (cadr found)))))

(define (all-values given table)
  (map (lambda (v) (value-of (car v) given (cadr v))) table))

; What a failed procedure says.
(define refusal "")
(define (throw . words)
  (set! refusal (if (string? (car words)) (car words) ""))
  (if (more-handlers?) (apply (pop-handler)) (apply error words)))
(define *error-hook* throw)

; Each takes lists (option value) and gives what the procedure returns, or #f.
(define (call procedure image layer given table)
  (set! refusal "")
  (catch #f
         (car (apply procedure RUN-NONINTERACTIVE image layer (all-values given table)))))

(define (train image layer . given) (call plug-in-nca-train image layer given train-values))
(define (grow image layer . given) (call plug-in-nca-grow image layer given grow-values))
(define (regenerate image layer . given)
  (call plug-in-nca-regenerate image layer given regenerate-values))

(define (open-image path) (car (gimp-file-load RUN-NONINTERACTIVE path path)))
(define (top-layer image) (car (gimp-image-get-active-layer image)))
(define (layers image) (vector->list (cadr (gimp-image-get-layers image))))
(define (name-of layer) (car (gimp-item-get-name layer)))
(define (width-of layer) (car (gimp-drawable-width layer)))
(define (height-of layer) (car (gimp-drawable-height layer)))
(define (close-image image) (gimp-image-delete image))
(define (save-layer image layer path)
  (file-png-save RUN-NONINTERACTIVE image layer path path 0 9 0 0 0 0 0))
(define (save-image image path)
  (gimp-file-save RUN-NONINTERACTIVE image (top-layer image) path path))
(define (export-gif image path)
  (gimp-image-convert-indexed image CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 255 FALSE TRUE "")
  (file-gif-save RUN-NONINTERACTIVE image (top-layer image) path path 0 1 100 2))
(define (erase-part image layer x y width height)
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE x y width height)
  (gimp-edit-clear layer)
  (gimp-selection-none image))
(define (paint-part image layer x y width height)
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE x y width height)
  (gimp-context-set-foreground '(255 0 255))
  (gimp-edit-fill layer FILL-FOREGROUND)
  (gimp-selection-none image))
(define (select-part image x y width height)
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE x y width height))

; A picture of 64×64: its left half white, its right half black.  type: rgb, rgba, gray;
; precision: u8, u16, float, the last two linear.
(define (make-picture type precision)
  (let* ((gray? (eq? type 'gray))
         (image (car (gimp-image-new-with-precision 64 64 (if gray? GRAY RGB)
                       (cadr (assq precision '((u8 150) (u16 200) (float 600)))))))
         (layer (car (gimp-layer-new image 64 64
                       (cond (gray? GRAY-IMAGE) ((eq? type 'rgba) RGBA-IMAGE) (else RGB-IMAGE))
                       "picture" 100 LAYER-MODE-NORMAL))))
    (gimp-image-insert-layer image layer 0 0)
    (gimp-context-set-foreground '(0 0 0))
    (gimp-drawable-fill layer FILL-FOREGROUND)
    (gimp-context-set-foreground '(255 255 255))
    (select-part image 0 0 32 64)
    (gimp-edit-fill layer FILL-FOREGROUND)
    (gimp-selection-none image)
    layer))
(define (image-of layer) (car (gimp-item-get-image layer)))
(define (make-indexed image)
  (gimp-image-convert-indexed image CONVERT-DITHER-NONE CONVERT-PALETTE-GENERATE 8 FALSE FALSE ""))
(define (select-ellipse image x y width height)
  (gimp-context-set-antialias FALSE)
  (gimp-image-select-ellipse image CHANNEL-OP-REPLACE x y width height))
(define (clear-selected image layer inverse?)
  (if inverse? (gimp-selection-invert image))
  (gimp-edit-clear layer)
  (gimp-selection-none image))
(define (mask-by-selection image layer)
  (let ((mask (car (gimp-layer-create-mask layer ADD-MASK-SELECTION))))
    (gimp-layer-add-mask layer mask)
    (gimp-layer-set-edit-mask layer FALSE)
    (gimp-selection-none image)))
(define (group-of image layer)
  (let ((group (car (gimp-layer-group-new image))))
    (gimp-image-insert-layer image group 0 0)
    (gimp-image-reorder-item image layer group 0)
    group))
(define (resize-layer layer width height x y) (gimp-layer-resize layer width height x y))
(define (scale-image image width height) (gimp-image-scale image width height))
(define (image-size image width height) (gimp-image-resize image width height 0 0))
(define (big-picture width height)
  (let* ((image (car (gimp-image-new width height RGB)))
         (layer (car (gimp-layer-new image width height RGBA-IMAGE "big" 100 LAYER-MODE-NORMAL))))
    (gimp-image-insert-layer image layer 0 0)
    (gimp-context-set-foreground '(255 255 255))
    (gimp-drawable-fill layer FILL-FOREGROUND)
    layer))
(define (attach layer name text)
  (gimp-item-attach-parasite layer (list name 1 text)))
(define (channel-of image)
  (let ((channel (car (gimp-channel-new image 64 64 "channel" 100 '(0 0 0)))))
    (gimp-image-insert-channel image channel 0 0)
    channel))
(define (lock-layer layer) (gimp-item-set-lock-content layer TRUE))
(define (float-part image layer x y width height)
  (select-part image x y width height)
  (gimp-selection-float layer 0 0))
