# --8<-- [start:data]
# Minutes passées à apprendre, jour après jour
minutes = [90, 45, 0, 120, 60]
# --8<-- [end:data]

# --8<-- [start:use]
total = sum(minutes)
worked = [m for m in minutes if m > 0]
print("Total :", total, "minutes")
print("Moyenne d'un jour travaillé :", total / len(worked))
# --8<-- [end:use]

# --8<-- [start:check]
assert total == 315, "vous avez changé une durée : changez aussi ce nombre"
print("Tout est vrai.")
# --8<-- [end:check]
