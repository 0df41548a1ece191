# rejected by: changes_email_and_password
# GET has its serializer, and the answer to PATCH shows what the other one has read.
def make_view_set(User):
    from django.shortcuts import get_object_or_404
    from rest_framework import serializers, viewsets
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response

    class Out(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ("id", "username", "email")

    class In(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ("email", "password")

    class V(viewsets.ViewSet):
        permission_classes = [IsAuthenticated]

        def me(self, pk):
            return get_object_or_404(User.objects.filter(pk=self.request.user.pk), pk=pk)

        def list(self, request):
            return Response([Out(request.user).data])

        def retrieve(self, request, pk):
            return Response(Out(self.me(pk)).data)

        def partial_update(self, request, pk):
            user = self.me(pk)
            s = In(user, data=request.data, partial=True)
            s.is_valid(raise_exception=True)
            d = dict(s.validated_data)
            if "password" in d:
                user.set_password(d["password"])
            user.email = d.get("email", user.email)
            user.save()
            return Response(s.data)

    return V
